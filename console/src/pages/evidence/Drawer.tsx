export default function Drawer(_: { seq: number }) {
  return null;
}
