// Every page that people see. A new page is a line here; `routes.test.js` says which lines are missing.
//
// `route` is as in the router's table, `as` the account that looks (nobody where it is left out), `path` where a page
// of the kind is in a world, `status` what it answers where that is not 200.

export const PAGES = [
  { name: 'the inventory', route: '/inventory', as: 'administrator', path: () => '/inventory' },
  { name: 'the inventory, of which nothing is left', route: '/inventory', as: 'administrator', path: () => '/inventory?state=suspected-clone' },
  { name: 'a device', route: '/devices/{organisation}/{device}', as: 'administrator', path: (world) => world.devices[0].page },
  { name: 'the policy', route: '/policy', as: 'administrator', path: () => '/policy' },
  { name: 'the own account', route: '/account', as: 'administrator', path: () => '/account' },
  { name: 'the sign-in', route: '/sign-in', path: () => '/sign-in' },
  { name: 'the sign-in on the way elsewhere', route: '/sign-in', path: () => '/sign-in?next=/policy' },
  { name: 'a sign-in link', route: '/sign-in/{secret}', path: (world) => new URL(world.spare).pathname },
  { name: 'nothing there', route: null, as: 'administrator', path: () => '/nothing', status: 404 },
  { name: 'a device that is not there', route: null, as: 'administrator', path: (world) => world.devices[0].page.slice(0, -1) + 'x', status: 404 },
  { name: 'a link that is none', route: null, path: () => '/sign-in/bm8', status: 410 },
];

/// Addresses of GET that are no page, and why.
export const NO_PAGES = {
  '/': 'leads to the inventory',
  '/account/password': 'the own account once more, for who comes back to a form',
  '/assets/{hash}/{name}': 'files of the pages',
};
