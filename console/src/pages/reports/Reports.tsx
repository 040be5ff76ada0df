import { Page } from '~/ui/Page';

export default function Reports() {
  return <Page title="评估报告">{null}</Page>;
}
