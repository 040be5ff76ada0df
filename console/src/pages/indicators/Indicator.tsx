import { Page } from '~/ui/Page';

export default function Indicator() {
  return <Page title="指标">{null}</Page>;
}
