import { Page } from '~/ui/Page';

export default function Systems() {
  return <Page title="系统">{null}</Page>;
}
