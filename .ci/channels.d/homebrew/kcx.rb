# Installs the programs of a release.
class Kcx < Formula
  desc "@DESCRIPTION@"
  homepage "@REPOSITORY@"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  # @UNLESS apple-darwin@
  # There are no programs for macOS in this release: build kcx with `cargo install` there.
  depends_on :linux

  # @END@
  # @IF apple-darwin@
  on_macos do
    on_intel do
      url "@RELEASE@/kcx-@VERSION@-x86_64-apple-darwin.tar.xz"
      sha256 "@SHA256 x86_64-apple-darwin.tar.xz@"
    end
    on_arm do
      url "@RELEASE@/kcx-@VERSION@-aarch64-apple-darwin.tar.xz"
      sha256 "@SHA256 aarch64-apple-darwin.tar.xz@"
    end
  end

  # @END@
  on_linux do
    on_intel do
      url "@RELEASE@/kcx-@VERSION@-x86_64-unknown-linux-musl.tar.xz"
      sha256 "@SHA256 x86_64-unknown-linux-musl.tar.xz@"
    end
    on_arm do
      url "@RELEASE@/kcx-@VERSION@-aarch64-unknown-linux-musl.tar.xz"
      sha256 "@SHA256 aarch64-unknown-linux-musl.tar.xz@"
    end
  end

  def install
    bin.install "kcx", "kcx-credential"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/kcx.bash" => "kcx"
    zsh_completion.install "completions/_kcx"
    fish_completion.install "completions/kcx.fish"
    prefix.install "LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY-LICENSES.txt"
  end

  test do
    assert_equal "kcx #{version}", shell_output("#{bin}/kcx --version").lines.first.chomp
  end
end
