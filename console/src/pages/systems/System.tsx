import { Page } from '~/ui/Page';

export default function System() {
  return <Page title="系统">{null}</Page>;
}
