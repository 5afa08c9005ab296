// Heart rate by Web Bluetooth.
export function setUpHeart(player) {
  void player;
}
