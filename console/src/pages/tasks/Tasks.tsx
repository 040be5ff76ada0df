import { Page } from '~/ui/Page';

export default function Tasks() {
  return <Page title="任务">{null}</Page>;
}
