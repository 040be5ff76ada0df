import { Page } from '~/ui/Page';

export default function Indicators() {
  return <Page title="指标">{null}</Page>;
}
