export const zh = {
  whoCan: '{{what}}', become: '以“{{post}}”岗位办理',
};
export const en: typeof zh = {
  whoCan: '{{what}}', become: 'Act as {{post}}',
};
