# Reports every include that does not follow an arrow "from>to,to" of `arrows`.
BEGIN {
    n = split(arrows, a, " ")
    for (i = 1; i <= n; i++) {
        split(a[i], p, ">")
        m = split(p[2], t, ",")
        for (j = 1; j <= m; j++) ok[p[1], t[j]] = 1
    }
}
FNR == 1 { split(FILENAME, p, "/"); me = p[2] }
/^#include "[a-z_]+\// {
    split($2, q, /["\/]/)
    if (me != "app" && me != q[2] && !((me, q[2]) in ok)) {
        bad = 1
        print FILENAME ":" FNR ": " me " must not include " q[2]
    }
}
END { exit bad }
