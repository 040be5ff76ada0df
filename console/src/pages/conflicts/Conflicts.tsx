import { Page } from '~/ui/Page';

export default function Conflicts() {
  return <Page title="口径冲突">{null}</Page>;
}
