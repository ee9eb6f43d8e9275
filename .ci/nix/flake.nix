# Builds kcx from this checkout: nix run 'github:kcx-dev/kcx?dir=.ci/nix'
{
  description = "Kubeconfig manager and context switcher with minimal edits and undo";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";

  outputs =
    { self, nixpkgs }:
    let
      source = ../..;
      package = (builtins.fromTOML (builtins.readFile (source + "/Cargo.toml"))).package;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      forAll = nixpkgs.lib.genAttrs systems;
    in
    {
      packages = forAll (
        system:
        let
          pkgs = nixpkgs.legacyPackages.${system};
          kcx = pkgs.rustPlatform.buildRustPackage {
            pname = package.name;
            version = package.version;
            src = source;
            cargoLock.lockFile = source + "/Cargo.lock";
            nativeBuildInputs = [ pkgs.installShellFiles ];
            # They need kubectl, shells and a home: `tests/run` runs them.
            doCheck = false;
            postInstall = ''
              installManPage docs/man/*.1
              installShellCompletion --bash --name kcx completions/kcx.bash
              installShellCompletion --zsh completions/_kcx
              installShellCompletion --fish completions/kcx.fish
            '';
            meta = {
              description = package.description;
              homepage = package.repository;
              license = [
                pkgs.lib.licenses.mit
                pkgs.lib.licenses.asl20
              ];
              mainProgram = package.name;
            };
          };
        in
        {
          inherit kcx;
          default = kcx;
        }
      );
    };
}
