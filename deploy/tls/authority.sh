#!/bin/sh
# A certificate authority of our own, for the broker and the devices that show a certificate.
#   authority.sh server NAME [NAME...]     the broker's certificate, for the names and addresses devices call it by
#   authority.sh device PROJECT/CODE       the certificate of one device; its name is its account in the broker
#   authority.sh revoke PROJECT/CODE       never again: the broker refuses it after its next start
#   authority.sh list                      who has which certificate, and until when
# Everything lies in $NOROSHI_TLS (here: certificates/ beside this script). authority.key is what all trust hangs on:
# keep a copy where nobody finds it, and nothing of this folder in a repository.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${NOROSHI_TLS:-$here/certificates}
umask 077
mkdir -p "$folder/devices" "$folder/register"
chmod 755 "$folder"
cd "$folder"

AUTHORITY_DAYS=7300 SERVER_DAYS=825 DEVICE_DAYS=${DEVICE_DAYS:-1825}
register=register/index.txt
ISSUED=issued.csv

fail() { echo "authority.sh: $*" >&2; exit 2; }

configuration() {
    cat <<CONF
[ca]
default_ca = ours
[ours]
database = $register
new_certs_dir = register
serial = register/serial
crlnumber = register/crlnumber
certificate = authority.crt
private_key = authority.key
default_md = sha256
default_crl_days = 7300
policy = name_only
unique_subject = no
x509_extensions = extensions
[name_only]
commonName = supplied
[req]
distinguished_name = empty
prompt = no
[empty]
[extensions]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = $1
$2
CONF
}

found() {
    [ -e authority.key ] && return
    touch "$register" register/index.txt.attr
    echo 1000 >register/serial
    echo 1000 >register/crlnumber
    configuration serverAuth "" >register/openssl.cnf
    openssl req -x509 -config register/openssl.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -keyout authority.key -out authority.crt -days "$AUTHORITY_DAYS" -subj "/CN=Noroshi" \
        -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
    openssl ca -config register/openssl.cnf -gencrl -out revoked.crl 2>/dev/null
    chmod 644 authority.crt revoked.crl
}

# issue NAME DAYS USE EXTENSIONS FILE
issue() {
    configuration "$3" "$4" >register/openssl.cnf
    openssl req -new -config register/openssl.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -keyout "$5.key" -out "$5.csr" -subj "/CN=$(printf %s "$1" | sed 's,/,\\/,g')" 2>/dev/null
    openssl ca -batch -notext -config register/openssl.cnf -in "$5.csr" -out "$5.crt" -days "$2" \
        ${START:+-startdate "$START"} ${END:+-enddate "$END"} 2>/dev/null || fail "openssl could not sign for $1"
    rm "$5.csr"
    chmod 644 "$5.crt"
    until=$(date -u -d "$(openssl x509 -in "$5.crt" -noout -enddate | cut -d= -f2)" +%Y-%m-%d)
    [ -e "$ISSUED" ] || echo "name,serial,until,file" >"$ISSUED"
    forget "$1"
    echo "$1,$(openssl x509 -in "$5.crt" -noout -serial | cut -d= -f2),$until,$5.crt" >>"$ISSUED"
    echo "$folder/$5.crt ($until)"
}

# forget NAME: it has no certificate any more that anybody must watch; what was ever issued stands in register/
forget() {
    awk -F, -v name="$1" 'NR == 1 || $1 != name' "$ISSUED" >"$ISSUED.new"
    chmod 644 "$ISSUED.new"
    mv "$ISSUED.new" "$ISSUED"
}

names() {
    all=
    # A comma would begin another name, a line another section of the configuration.
    for name in "$@"; do
        case $name in "" | *[!A-Za-z0-9.:*-]*) fail "$name: write a name or an address" ;; esac
    done
    for name in "$@"; do
        case $name in
        *[!0-9.:]*) all="$all,DNS:$name" ;;
        *) all="$all,IP:$name" ;;
        esac
    done
    echo "subjectAltName = ${all#,}"
}

check_device() {
    case $1 in *[!a-z0-9._/-]* | */*/* | /* | */) fail "$1: write PROJECT/CODE" ;; */*) ;; *) fail "$1: write PROJECT/CODE" ;; esac
}

file_of() { echo "devices/$(echo "$1" | tr / _)"; }

case ${1:-} in
server)
    [ $# -ge 2 ] || fail "server NAME [NAME...]"
    shift
    found
    extensions=$(names "$@")
    issue "$1" "$SERVER_DAYS" serverAuth "$extensions" server
    # The broker in its container is user 1883.
    if [ "$(id -u)" = 0 ]; then chown 1883 server.key; fi
    ;;
device)
    [ $# -eq 2 ] || fail "device PROJECT/CODE"
    check_device "$2"
    found
    issue "$2" "$DEVICE_DAYS" clientAuth "" "$(file_of "$2")"
    ;;
revoke)
    [ $# -eq 2 ] || fail "revoke PROJECT/CODE"
    check_device "$2"
    [ -e "$(file_of "$2").crt" ] || fail "there is no certificate of $2"
    configuration clientAuth "" >register/openssl.cnf
    openssl ca -config register/openssl.cnf -revoke "$(file_of "$2").crt" 2>/dev/null || fail "$2 is revoked already"
    openssl ca -config register/openssl.cnf -gencrl -out revoked.crl 2>/dev/null
    chmod 644 revoked.crl
    rm "$(file_of "$2").crt" "$(file_of "$2").key"
    forget "$2"
    echo "$folder/revoked.crl"
    ;;
list) cat "$ISSUED" ;;
*) fail "server NAME..., device PROJECT/CODE, revoke PROJECT/CODE, or list" ;;
esac
