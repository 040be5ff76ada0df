import { Page } from '~/ui/Page';

export default function Returns() {
  return <Page title="数据填报">{null}</Page>;
}
