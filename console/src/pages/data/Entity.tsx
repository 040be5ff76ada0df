import { Page } from '~/ui/Page';

export default function Entity() {
  return <Page title="数据">{null}</Page>;
}
