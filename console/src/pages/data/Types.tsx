import { Page } from '~/ui/Page';

export default function Types() {
  return <Page title="数据">{null}</Page>;
}
