#!/bin/bash
# Within a root file system: the package is installed, upgraded, used and purged. A line `FAILED
# NAME: REASON` for each check that fails, `done` at the end. What is in the folder: trials.ts.
set -u
folder=$1
cd "$folder" || exit 1
export HOME=$folder/home
name=macvtap-render

check() {
  local what=$1 output
  shift
  output=$("$@" 2>&1) ||
    printf 'FAILED %s: %s\n' "$what" "$(printf %s "$output" | tail -n 8 | tr '\n' ' ' | head -c 400)"
}

same() {
  [ "$1" = "$2" ] || { printf '%s, not %s' "$1" "$2" && return 1; }
}

# Everything on the host but what dpkg and apt remember, and a shell's own files.
files() {
  find / -xdev \( -path /proc -o -path /tmp -o -path /dev -o -path "$folder" -o -path /var/lib/dpkg \
    -o -path /var/lib/apt -o -path /var/cache -o -path /var/log \) -prune -o -printf '%y %p\n' | sort
}

sums() { find /etc -type f -exec sha256sum {} + | sort -k 2; }

version() { dpkg-query --show --showformat '${Version} ${db:Status-Status}' $name; }

installs() {
  dpkg -i old.deb && same "$(version)" "$OLD installed" && same "$($name --version)" "$name old" &&
    [ -e /usr/share/man/man7/$name-old.7.gz ]
}

# As the README does, where there is apt; a minimal Ubuntu has none.
upgrades() {
  if [ -x /usr/bin/apt-get ]; then
    apt-get --quiet --yes --no-install-recommends install ./new.deb
  else
    dpkg -i new.deb
  fi && same "$(version)" "$NEW installed"
}

whole() {
  same "$($name --version)" "$name $NEW" && same "$(dpkg --verify $name)" ''
}

replaced() { [ ! -e /usr/share/man/man7/$name-old.7.gz ]; }

renders() {
  local id
  for id in $BACKENDS; do
    $name macvtap.yaml --backend "$id" >"$HOME/rendered" && cmp "$HOME/rendered" "expected-$id" || return
  done
}

man_pages() {
  local page section
  for page in $PAGES; do
    section=${page##*.}
    same "$(man -w "$section" "${page%.*}")" "/usr/share/man/man$section/$page.gz" || return
  done
}

# As a shell does at the first Tab: by what its package of completions has as the default.
bash_completes() {
  bash --norc -c '
    . /usr/share/bash-completion/bash_completion
    loader=$(complete -p -D | sed "s/.*-F \([^ ]*\).*/\1/")
    "$loader" macvtap-render
    complete -p macvtap-render || exit
    COMP_WORDS=(macvtap-render ren) COMP_CWORD=1
    _macvtap_render
    [[ " ${COMPREPLY[*]} " = *" render "* ]]'
}

zsh_completes() {
  same "$(zsh -f -c 'autoload -U compinit; compinit -D -u; print $_comps[macvtap-render]')" _$name
}

fish_completes() { fish -c "complete -C '$name ren'" | grep -q ^render; }

schemas() { $name schema | cmp - /usr/share/$name/intent.schema.json; }

configures() {
  # Nothing runs here, systemd-networkd among it.
  $name macvtap.yaml --backend networkd --root / --force &&
    [ -s /etc/systemd/network/00-macvtap-veth0.netdev ]
}

purges() {
  dpkg -P $name && ! dpkg-query --show $name && ! ls -d /var/lib/dpkg/info/$name.*
}

# Of all that is new only what the administrator has had generated.
leaves_configuration() {
  comm -13 before after | grep -v '^. /etc/' && return 1
  same "$(comm -23 before after)" '' && same "$(sums | sha256sum)" "$(sha256sum <sums)"
}

mkdir -p "$HOME"
echo kvm1 >/etc/hostname
files >before
check 'old version' installs
check 'upgrade' upgrades
check 'files of the package' whole
check 'file of the old version' replaced
check 'rendered' renders
check 'man pages' man_pages
check 'bash' bash_completes
check 'zsh' zsh_completes
check 'fish' fish_completes
check 'schema' schemas
check 'configuration' configures
sums >sums
check 'purge' purges
files >after
check 'after the purge' leaves_configuration
echo done
