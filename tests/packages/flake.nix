# What the flake says of its package, with a stub of nixpkgs.
let
  nixpkgs = {
    lib.genAttrs =
      names: f:
      builtins.listToAttrs (
        map (name: {
          inherit name;
          value = f name;
        }) names
      );
    legacyPackages = builtins.listToAttrs (
      map
        (name: {
          inherit name;
          value = {
            rustPlatform.buildRustPackage = arguments: arguments;
            installShellFiles = "installShellFiles";
            lib.licenses = {
              mit = "MIT";
              asl20 = "Apache-2.0";
            };
          };
        })
        [
          "x86_64-linux"
          "aarch64-linux"
          "x86_64-darwin"
          "aarch64-darwin"
        ]
    );
  };
  flake = import ../../.ci/nix/flake.nix;
  packages =
    (flake.outputs {
      self = { };
      inherit nixpkgs;
    }).packages;
in
builtins.mapAttrs (
  _: system:
  let
    kcx = system.default;
  in
  {
    inherit (kcx) pname version meta;
    locked = builtins.pathExists kcx.cargoLock.lockFile;
    source = builtins.pathExists (kcx.src + "/src/main.rs");
  }
) packages
