import { Page } from '~/ui/Page';

export default function Entities() {
  return <Page title="数据">{null}</Page>;
}
