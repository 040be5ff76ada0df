import { Page } from '~/ui/Page';

export default function Evidence() {
  return <Page title="存证">{null}</Page>;
}
