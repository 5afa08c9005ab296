// The landscape, where there is WebGL, no wish for less motion and the person left it on. Filled in by scene.js.
export async function setUpScene(player) {
  void player;
}
