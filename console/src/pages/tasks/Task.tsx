import { Page } from '~/ui/Page';

export default function Task() {
  return <Page title="任务">{null}</Page>;
}
