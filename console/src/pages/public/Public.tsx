import { Page } from '~/ui/Page';

export default function Public() {
  return <Page title="公众版">{null}</Page>;
}
