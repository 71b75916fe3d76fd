/* screen-watch.js: written for any browser. If the module has not started after five seconds, because it could not be
   read or did not come, the plain page takes over; it tries this one again later. */
setTimeout(function () {
  var page = document.documentElement;
  if (!page.getAttribute("data-started")) location.replace(page.getAttribute("data-plain") + location.search);
}, 5000);
