package dev.gantry.secret;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What secrets look like: the value beside a name that says so, addresses with credentials, and the
 * shapes of known kinds of keys. Every quantifier is possessive or bounded, and a run of key
 * characters is tried once, from its start.
 */
final class SecretPattern {
    /** Every alternative below holds one of these, in any case: without them there is no match. */
    static final List<String> WORDS =
            List.of(
                    "bearer",
                    "basic",
                    "key",
                    "secret",
                    "token",
                    "passw",
                    "passphrase",
                    "pwd",
                    "sig",
                    "credential",
                    "auth",
                    "cookie",
                    "headers",
                    "jwt",
                    "://",
                    "-----begin",
                    "'reader', line",
                    "'string', line",
                    "sk-",
                    "sk_",
                    "pk-",
                    "pk_",
                    "rk-",
                    "rk_",
                    "xai-",
                    "nvapi-",
                    "pplx-",
                    "glpat-",
                    "hf_",
                    "r8_",
                    "fw_",
                    "gha_",
                    "ghb_",
                    "ghp_",
                    "gho_",
                    "ghu_",
                    "ghs_",
                    "ghr_",
                    "github_pat_",
                    "aiza",
                    "akia",
                    "asia",
                    "eyj",
                    "xox",
                    "ya29.",
                    "npm_",
                    "tgp_",
                    "absk",
                    "sess-",
                    "aq.ab",
                    "jaas",
                    "jdbc:oracle:");

    /** Names that are followed by a secret, whatever stands before or behind them in the name. */
    private static final String NAMES =
            """
            (?:api[\\s_.-]?key(?:\\sprovided|\\sis)?\
            |(?:access|account|private|shared|secret|hash|signing|encryption|subscription|master|session\
            |storage|license|functions|store|access_key)[_.-]?key\
            |secret(?:[_-]?(?:value|id|access[_-]?key))?|client[_-]?secret\
            |(?:access|auth|refresh|bearer|security|session|operator|id)[_.-]?token\
            |authorization|(?:set-)?cookie|passw(?:or)?d|passphrase|\\bpwd|signature|credentials?)\
            """;

    /** Up to the quote where there is one, else up to what ends a value. */
    private static final String VALUE =
            """
            (?:(?<=")[^"\\\\\\r\\n]{1,4096}+|(?<=')[^'\\r\\n]{1,4096}+\
            |(?:[^\\s"'&,;}\\]\\\\]|,(?![\\s"'{}]|$)|](?![\\s,;})\\]]|$)|\\\\(?!["'nrtu\\\\]))++)\
            """;

    /** A sentence about a secret, such as "api-key: the placeholder has no value", is none. */
    private static final String PROSE =
            "(?!(?:the|an?|is|no|not|null|none|must|may|missing|unknown|invalid|please|allowed|required"
                    + "|there|this|expected|cannot|has|was)[\\s;,.])";

    /** A group is what stays in front of the secret. */
    private static final Pattern SECRET =
            Pattern.compile(
                    String.join(
                            "|",
                            // Keys in PEM; the end may be cut off.
                            "-----BEGIN [A-Z0-9 ]{1,40}+-----[\\s\\S]*?(?:-----END [A-Z0-9 ]{1,40}+-----|$(?![\\s\\S]))",
                            // A YAML parser quotes the line that it cannot read.
                            "('(?:reader|string)', line \\d{1,9}, column \\d{1,9}:\\R)[^\\n]{1,4096}+",
                            // Spring Boot says which value cannot be bound.
                            "(Property: \\S{0,200}?(?:key|secret|token|passw|credential|headers|jaas|auth)\\S{0,200}+\\s{1,16}"
                                    + "Value: )(?:\"[^\"]*+\"|\\S++)",
                            "(\\bbearer\\s{1,8}+)[^\\s\"',;]{6,}+",
                            "(\\bbasic\\s{1,8}+)(?-i:(?=[A-Za-z0-9+/]{1,512}[A-Z0-9=])[A-Za-z0-9+/=]{8,}+)",
                            "("
                                    + NAMES
                                    + "\\\\?[\"']?\\s{0,8}+(?:=>|[:=])\\s{0,8}+(?:\\[\\s{0,4}+)?\\\\?[\"']?"
                                    + "(?:(?:bearer|basic|apikey|token|digest|negotiate|aws4-hmac-sha256)\\s{1,8}+)?)"
                                    + "(?!\\*\\*\\*)"
                                    + PROSE
                                    + VALUE,
                            "(api[\\s_-]?key\\s[\"'`])[^\"'`\\s]{6,}+",
                            // A bare word is a name only where it is plainly written as one.
                            "([?&;](?:[\\w.-]{0,64}[_.-])?(?:key|token|sig|secret|pwd|auth|jwt)=)[^\\s\"'&;]++",
                            "([\"'](?:key|token|secret|auth|jwt)\\\\?[\"']\\s{0,8}+:\\s{0,8}+\\\\?[\"'])[^\"'\\\\]{6,}+",
                            "(\\b(?:token|secret|jwt)=[\"']?)(?!\\*\\*\\*)" + VALUE,
                            "(\\btoken:\\s{0,4}+[\"']?)(?=[^\\s\"',]{0,64}\\d)[^\\s\"',]{8,}+",
                            "(\\bheaders\\.[\\w-]{1,64}+\\s{0,8}+[:=]\\s{0,8}+[\"']?)" + VALUE,
                            // Credentials in addresses of any scheme, whatever is in the password.
                            "(://)(?:[^\\s/?#\"'<>@]{1,256}+@){1,8}+",
                            "(://)[^\\s/@:\"'<>]{0,64}+:(?!\\d{1,5}(?:[/?#\\s\"',;)]|$))[^\\s\"'<>]{1,256}@",
                            "(?<![a-z0-9_-])(?:(?:sk|pk|rk|gsk|csk|xai|nvapi|pplx|glpat|sess)[-_]"
                                    + "|(?:hf|r8|fw|gh[a-z]|github_pat|npm|tgp)_|xox[a-z]-|ya29\\.|AQ\\.Ab|ABSK)[a-z0-9_*.+/=-]{8,}+",
                            "(jdbc:oracle:[a-z0-9]{1,16}+:)[^\\s/@]{1,256}+/[^\\s@]{1,256}+@",
                            "(?<![a-z0-9_-])(?:AIza[a-z0-9_-]{12,}+|(?-i:A[KS]IA[A-Z0-9]{12,}+))",
                            "(?<![a-z0-9_-])eyJ[a-z0-9_-]{8,}+(?:\\.[a-z0-9_-]{0,4096}+){1,4}+"),
                    Pattern.CASE_INSENSITIVE);

    private SecretPattern() {}

    /** The very same text if nothing looks like a secret. */
    static String mask(String text) {
        return SECRET.matcher(text)
                .replaceAll(
                        found -> {
                            String tail = found.group().endsWith("@") ? "@" : "";
                            return Matcher.quoteReplacement(kept(found) + Scrubber.MASK + tail);
                        });
    }

    private static String kept(MatchResult found) {
        for (int group = 1; group <= found.groupCount(); group++) {
            if (found.group(group) != null) {
                return found.group(group);
            }
        }
        return "";
    }
}
