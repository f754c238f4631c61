// Brings the numbers of the hall page up to date every ten seconds; without script
// there is a link that does.
(function () {
  var box = document.getElementById("hall-numbers");
  if (!box || !window.fetch) return;
  setInterval(function () {
    fetch(location.href, { cache: "no-store" }).then(function (r) { return r.ok ? r.text() : Promise.reject(); }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("hall-numbers");
      if (fresh) box.replaceChildren.apply(box, Array.from(fresh.childNodes));
    }).catch(function () { /* the next time */ });
  }, 10000);
})();
