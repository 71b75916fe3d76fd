/* screen-old.js: runs only where modules are unknown, and goes to the page that needs none. */
location.replace(document.documentElement.getAttribute("data-plain") + location.search);
