// Imported first, and written so that even old versions can read it.
const wanted = [20, 19];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < wanted[0] || (major === wanted[0] && minor < wanted[1])) {
  console.error(
    `Almanac needs Node ${wanted.join('.')} or newer, and this is Node ${process.versions.node} (${process.execPath}).\n` +
      'Install a newer one from https://nodejs.org or with your version manager (nvm, fnm, volta), and run the command again.',
  );
  process.exit(1);
}
