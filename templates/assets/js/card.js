// Puts the card and the suggested units of a card link's fragment into the form.
// The fragment never leaves the browser; it is taken out of the address at once.
(function () {
  var parts = new URLSearchParams(location.hash.slice(1));
  var card = document.getElementById("f-card");
  if (!card || !parts.get("card")) return;
  card.value = parts.get("card");
  var pick = document.getElementById("pick");
  if (pick && parts.get("pick")) pick.value = parts.get("pick");
  history.replaceState(null, "", location.pathname + location.search);
})();
