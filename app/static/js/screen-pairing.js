/* screen-pairing.js: written for any browser. Asks every two seconds whether somebody has typed the code; then the same
   address leads to the screen, and once the code is too old, to a new one. */
(function () {
  var asks = document.body.getAttribute("data-asks");
  var said = document.getElementById("said");
  var standing = said && said.textContent;

  function later() {
    setTimeout(ask, 2000);
  }

  function ask() {
    var asked = new XMLHttpRequest();
    asked.onreadystatechange = function () {
      if (asked.readyState !== 4) return;
      var there = asked.status === 200;
      said.textContent = there ? standing : document.body.getAttribute("data-lost");
      var state = there ? JSON.parse(asked.responseText).state : "";
      if (state === "paired") location.reload();
      else if (state === "over") location.replace(document.body.getAttribute("data-anew"));
      else later();
    };
    asked.open("GET", asks, true);
    asked.timeout = 8000;
    asked.send();
  }

  if (asks) later();
  else setTimeout(function () { location.reload(); }, 60000);
})();
