# Reads the manifests of all channels as their programs do: ruby manifests.rb DIST METADATA, the output of `cargo metadata`.
#
# Each address is one of an archive in DIST with the right sum, and each path exists in its archive. The formula is run with
# as much of Homebrew as it uses.

require "digest"
require "fileutils"
require "json"
require "tmpdir"
require "yaml"

DIST = File.expand_path(ARGV[0])
PACKAGE = JSON.parse(File.read(ARGV[1]))["packages"].find { |package| package["name"] == "kcx" }
VERSION = PACKAGE["version"]
REPOSITORY = PACKAGE["repository"]
OWNER = REPOSITORY.split("/")[-2]
$checks = 0

def check(fine, text)
  $checks += 1
  abort "tests/packages/manifests.rb: #{text}" unless fine
end

def same(got, wanted, text)
  check(got == wanted, "#{text}: #{got.inspect}, not #{wanted.inspect}")
end

def channel(path)
  File.read(File.join(DIST, "channels", path))
end

# The archive of an address, which must lie in DIST.
def archive(url)
  prefix = "#{REPOSITORY}/releases/download/v#{VERSION}/"
  check(url.start_with?(prefix), "#{url} is not below #{prefix}")
  path = File.join(DIST, url.delete_prefix(prefix))
  check(File.file?(path), "#{url} names no file of #{DIST}")
  path
end

SUMS = Hash.new { |sums, file| sums[file] = Digest::SHA256.file(file).hexdigest }

def sum(url, wanted)
  same(SUMS[archive(url)], wanted.downcase, "the sum of #{url}")
end

# The paths in an archive.
PATHS = Hash.new do |all, file|
  zip = file.end_with?(".zip")
  command = zip ? ["python3", "-m", "zipfile", "-l", file] : ["tar", "-tf", file]
  lines = IO.popen(command, &:readlines)
  lines = lines.drop(1).map { |line| line.split.first } if zip
  all[file] = lines.map { |path| path.chomp.delete_prefix("./").chomp("/") }
end

def inside(url, path)
  check(PATHS[archive(url)].include?(path.tr("\\", "/")), "#{url} has no #{path}")
end

# Whatever the format: no placeholder is left, and all addresses of a release are right.
Dir.glob("#{DIST}/channels/**/*", File::FNM_DOTMATCH).select { |path| File.file?(path) }.each do |path|
  text = File.read(path)
  check(!text.match?(/@[A-Z]/), "#{path}: a placeholder is left")
  text.scan(%r{#{REPOSITORY}/releases/download/[^"'\s]*\.(?:tar\.[gx]z|zip)}) do |url|
    archive(url) unless url.include?("$")
  end
end

# winget: what its schema 1.10.0 demands.
KEYS = {
  "version" => [%w[PackageIdentifier PackageVersion DefaultLocale ManifestType ManifestVersion], []],
  "installer" => [
    %w[PackageIdentifier PackageVersion Installers ManifestType ManifestVersion],
    %w[InstallerType NestedInstallerType NestedInstallerFiles Commands],
  ],
  "defaultLocale" => [
    %w[PackageIdentifier PackageVersion PackageLocale Publisher PackageName License ShortDescription ManifestType ManifestVersion],
    %w[PublisherUrl PublisherSupportUrl PackageUrl LicenseUrl Moniker Tags ReleaseNotesUrl Documentations],
  ],
}
winget = { "version" => "", "installer" => ".installer", "defaultLocale" => ".locale.en-US" }.to_h do |type, ending|
  manifest = YAML.safe_load(channel("winget/#{OWNER}.kcx#{ending}.yaml"))
  required, optional = KEYS[type]
  same(required - manifest.keys, [], "winget #{type}: missing")
  same(manifest.keys - required - optional, [], "winget #{type}: unknown")
  same(manifest["ManifestType"], type, "winget ManifestType")
  same(manifest["ManifestVersion"], "1.10.0", "winget ManifestVersion")
  same(manifest["PackageIdentifier"], "#{OWNER}.kcx", "winget PackageIdentifier")
  same(manifest["PackageVersion"], VERSION, "winget PackageVersion")
  [type, manifest]
end
installer = winget["installer"]
same(installer.values_at("InstallerType", "NestedInstallerType"), %w[zip portable], "winget InstallerType")
installer["Installers"].each do |one|
  same(one.keys.sort, %w[Architecture InstallerSha256 InstallerUrl], "winget Installers")
  same(one["Architecture"], "x64", "winget Architecture")
  check(one["InstallerSha256"].match?(/\A\h{64}\z/), "winget InstallerSha256")
  sum(one["InstallerUrl"], one["InstallerSha256"])
  installer["NestedInstallerFiles"].each { |file| inside(one["InstallerUrl"], file["RelativeFilePath"]) }
end
aliases = installer["NestedInstallerFiles"].map { |file| file["PortableCommandAlias"] }
same(aliases, installer["Commands"], "winget PortableCommandAlias")
locale = winget["defaultLocale"]
same(winget["version"]["DefaultLocale"], locale["PackageLocale"], "winget PackageLocale")
check((3..256).cover?(locale["ShortDescription"].size), "winget ShortDescription")
check(locale["Tags"].size <= 16 && locale["Tags"].all? { |tag| tag.size <= 40 }, "winget Tags")
locale.each { |key, value| check(value.match?(%r{\Ahttps://}), "winget #{key}") if key.end_with?("Url") }

# Scoop.
scoop = JSON.parse(channel("scoop/kcx.json"))
same(%w[version homepage license] - scoop.keys, [], "scoop: missing")
same(scoop["version"], VERSION, "scoop version")
x64 = scoop["architecture"]["64bit"]
sum(x64["url"], x64["hash"])
scoop["bin"].each { |bin| inside(x64["url"], "#{x64["extract_dir"]}/#{bin}") }
update = scoop["autoupdate"]["architecture"]["64bit"]
%w[url extract_dir].each { |key| same(update[key].gsub("$version", VERSION), x64[key], "scoop autoupdate #{key}") }

# krew: its validator knows the structure; the archives and paths are here.
platforms = YAML.safe_load(channel("krew/kcx.yaml"))["spec"]["platforms"]
platforms.each do |platform|
  sum(platform["uri"], platform["sha256"])
  platform["files"].each { |file| inside(platform["uri"], file["from"]) }
end

# cargo binstall.
binstall = PACKAGE["metadata"]["binstall"]
%w[x86_64-unknown-linux-musl aarch64-unknown-linux-musl x86_64-pc-windows-gnu x86_64-pc-windows-msvc].each do |target|
  settings = binstall.merge(binstall["overrides"].fetch(target, {}))
  windows = target.include?("windows")
  values = {
    "repo" => REPOSITORY, "name" => "kcx", "version" => VERSION, "target" => target, "bin" => "kcx",
    "archive-suffix" => { "txz" => ".tar.xz", "zip" => ".zip" }.fetch(settings["pkg-fmt"]),
    "binary-ext" => windows ? ".exe" : "",
  }
  url, path = settings.values_at("pkg-url", "bin-dir").map { |text| text.gsub(/\{ ([a-z-]+) \}/) { values.fetch($1) } }
  inside(url, path)
end

# Homebrew, as much of it as the formula needs.
class Formula
  class << self
    attr_reader :facts, :archives

    def inherited(formula)
      formula.instance_variable_set(:@facts, {})
      formula.instance_variable_set(:@archives, {})
      formula.instance_variable_set(:@on, [])
      super
    end

    %w[desc homepage version license depends_on].each { |word| define_method(word) { |value| @facts[word] = value } }
    %w[on_linux on_macos on_intel on_arm].each do |word|
      define_method(word) { |&block| @on.push(word); block.call; @on.pop }
    end

    def url(value)
      @archives[@on.join(" ")] = [value]
    end

    def sha256(value)
      @archives[@on.join(" ")] << value
    end

    def test; end
  end

  # A folder of an installation.
  Place = Struct.new(:path) do
    def install(*files)
      FileUtils.mkdir_p(path)
      files.flatten.each do |file|
        from, to = file.is_a?(Hash) ? file.first : [file, File.basename(file)]
        FileUtils.cp(from, File.join(path, to))
      end
    end
  end

  def initialize(prefix)
    @prefix = prefix
  end

  { prefix: "", bin: "bin", man1: "share/man/man1", bash_completion: "etc/bash_completion.d",
    zsh_completion: "share/zsh/site-functions", fish_completion: "share/fish/vendor_completions.d" }.each do |word, path|
    define_method(word) { Place.new(File.join(@prefix, path)) }
  end
end

eval(channel("homebrew/kcx.rb"), binding, "kcx.rb")
same(Kcx.facts["version"], VERSION, "formula version")
check(Kcx.facts["desc"].size <= 80, "formula desc")
mac = Kcx.archives.keys.any? { |on| on.start_with?("on_macos") }
same(Kcx.facts["depends_on"], mac ? nil : :linux, "formula depends_on")
check(Kcx.archives.size >= 2, "formula archives")
Kcx.archives.each_value do |url, wanted|
  sum(url, wanted)
  Dir.mktmpdir do |folder|
    system("tar", "-C", folder, "-xf", archive(url), exception: true)
    # Homebrew enters the one folder of an archive.
    Dir.chdir(Dir.glob("#{folder}/*").first) { Kcx.new("#{folder}/prefix").install }
    %w[bin/kcx bin/kcx-credential share/man/man1/kcx.1 etc/bash_completion.d/kcx share/zsh/site-functions/_kcx
       share/fish/vendor_completions.d/kcx.fish LICENSE-MIT THIRD-PARTY-LICENSES.txt].each do |path|
      check(File.size?("#{folder}/prefix/#{path}"), "the formula installs no #{path}")
    end
  end
end

puts "manifests: #{$checks} checks"
