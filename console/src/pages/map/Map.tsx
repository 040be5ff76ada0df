import { Page } from '~/ui/Page';

export default function Map() {
  return <Page title="一张图">{null}</Page>;
}
