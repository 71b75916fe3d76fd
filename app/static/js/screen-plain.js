/* screen-plain.js: written for any browser. Fetches the plain screen anew every ten seconds; while that fails the last
   board stays. Whether the link is revoked is asked more often. A browser that knows modules came here by an accident of
   the network, and goes back within the hour. */
(function () {
  var EVERY = 10000;
  var REVOKED_EVERY = 1200;
  var HOUR = 3600000;
  var opened = new Date().getTime();
  var plain = document.getElementById("plain");
  var again = plain.getAttribute("data-again");
  var lost = plain.getAttribute("data-lost");
  var gone = false;

  function show(text) {
    var page = document.createElement("div");
    page.innerHTML = text.slice(text.indexOf("<body"), text.indexOf("</body>"));
    var fresh = page.querySelector("#plain");
    if (!fresh) return;
    plain.innerHTML = fresh.innerHTML;
    again = fresh.getAttribute("data-again");
    var kind = /<body class="([^"]*)"/.exec(text);
    if (kind) document.body.className = kind[1];
  }

  function failed() {
    var said = document.getElementById("said");
    if (said && said.textContent.indexOf(lost) < 0) said.textContent += " · " + lost;
  }

  function vanish() {
    gone = true;
    document.body.innerHTML = "";
    document.body.className = "gone";
  }

  function heed() {
    if (gone) return;
    var asked = new XMLHttpRequest();
    asked.onreadystatechange = function () {
      if (asked.readyState !== 4 || gone) return;
      if (asked.status === 410 || asked.status === 404) vanish();
      else setTimeout(heed, REVOKED_EVERY);
    };
    asked.open("HEAD", plain.getAttribute("data-screen") + "/state.json", true);
    asked.timeout = 3000;
    asked.send();
  }

  function ask() {
    if (gone) return;
    var asked = new XMLHttpRequest();
    asked.onreadystatechange = function () {
      if (asked.readyState !== 4 || gone) return;
      if (asked.status === 200) show(asked.responseText);
      else if (asked.status === 404) return vanish();
      else failed();
      if (asked.status === 200 && "noModule" in document.createElement("script") && new Date().getTime() - opened > HOUR)
        return location.replace(plain.getAttribute("data-screen") + location.search);
      setTimeout(ask, asked.status === 200 ? EVERY : 3000);
    };
    asked.open("GET", again, true);
    asked.timeout = 8000;
    asked.send();
  }

  setTimeout(ask, EVERY);
  setTimeout(heed, REVOKED_EVERY);
})();
