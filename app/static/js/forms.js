/* forms.js: shows a field only to those it is for (the affiliation, at registration). Without this script it is simply
   always there, and the server knows who needs it. `data-shows-for="company institute"` names the values of the field
   in `data-shows-by`, or of the stakeholder group. */

const followed = new WeakSet();

function follow(place) {
  if (followed.has(place)) return;
  followed.add(place);
  const form = place.closest("form");
  const name = place.dataset.showsBy || "group";
  const values = place.dataset.showsFor.split(/[\s,]+/);
  const look = () => {
    const fits = values.includes(new FormData(form).get(name) ?? "");
    place.hidden = !fits;
    for (const control of place.querySelectorAll("input, select, textarea")) control.disabled = !fits;
  };
  form.addEventListener("change", look);
  look();
}

export const attend = () => document.querySelectorAll("[data-shows-for]").forEach(follow);
