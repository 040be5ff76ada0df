import { Page } from '~/ui/Page';

export default function Conflict() {
  return <Page title="口径冲突">{null}</Page>;
}
