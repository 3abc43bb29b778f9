package dev.gantry.launch.training;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A PostgreSQL server for this process alone, with a schema that is up to date and nothing in it:
 * it takes every statement and keeps nothing. Speaks the extended protocol, in text.
 */
final class LoopbackDatabase implements AutoCloseable {
    private static final int WANTS_TLS = 80_877_103;
    private static final int WANTS_GSS = 80_877_104;
    private static final int BOOLEAN = 16;
    private static final int BIGINT = 20;
    private static final int TEXT = 25;
    private static final int TIMESTAMP = 1184;

    private static final Map<String, String> SETTINGS =
            Map.of(
                    "server_version", "18.0",
                    "client_encoding", "UTF8",
                    "DateStyle", "ISO, MDY",
                    "integer_datetimes", "on",
                    "standard_conforming_strings", "on",
                    "TimeZone", "UTC");

    private static final Pattern INNERMOST = Pattern.compile("\\([^()]*\\)");
    private static final Pattern VERB =
            Pattern.compile("\\b(select|show|insert|update|delete)\\b|^\\s*(\\w+)");

    private static final String NOW = "2026-01-01 00:00:00+00";
    private static final Column NO_KEY = new Column("key", TEXT, null);

    private record Column(String name, int type, @Nullable String value) {
        static Column text(String name, @Nullable String value) {
            return new Column(name, TEXT, value);
        }

        static Column number(String name, long value) {
            return new Column(name, BIGINT, Long.toString(value));
        }
    }

    /**
     * What a statement says.
     *
     * @param rows null: it is none that answers with rows
     */
    private record Answer(String tag, @Nullable List<Column> rows) {
        static Answer to(String sql) {
            String asked = sql.strip().toLowerCase(Locale.ROOT);
            String outer = asked;
            for (Matcher inner = INNERMOST.matcher(outer); inner.find(); ) {
                outer = inner.replaceAll(" ");
                inner = INNERMOST.matcher(outer);
            }
            Matcher verb = VERB.matcher(outer);
            String first = verb.find() ? verb.group() : "";
            if (first.equals("with") && verb.find()) {
                first = verb.group();
            }
            boolean answers =
                    first.equals("select")
                            || first.equals("show")
                            || outer.contains(" returning ")
                            || outer.contains("\nreturning ");
            String tag = first.strip().toUpperCase(Locale.ROOT);
            return switch (first) {
                case "insert" -> new Answer("INSERT 0 1", answers ? row(asked, outer) : null);
                default ->
                        new Answer(answers ? tag + " 1" : tag, answers ? row(asked, outer) : null);
            };
        }

        /** The one row of what must have one; of all else none. */
        private static List<Column> row(String asked, String outer) {
            if (asked.contains("installed_rank")) {
                return history();
            }
            if (asked.startsWith("select exists") || asked.contains("returning lanes")) {
                return List.of(new Column("yes", BOOLEAN, "t"));
            }
            if (asked.contains("as read_at")) {
                return List.of(
                        new Column("read_at", TIMESTAMP, NOW), Column.number("mark", 1), NO_KEY);
            }
            if (asked.contains("as aside")) {
                return List.of(
                        Column.number("records", 0),
                        Column.number("bytes", 0),
                        Column.number("aside", 0));
            }
            if (outer.startsWith("select count")) {
                return List.of(Column.number("count", asked.contains("pg_namespace") ? 1 : 0));
            }
            boolean constant = !outer.contains("from") && !outer.contains("where");
            return constant ? List.of(new Column("?column?", TEXT, "PostgreSQL 18.0")) : List.of();
        }

        /** Begins above every migration, which so are none that are due. */
        private static List<Column> history() {
            return List.of(
                    Column.number("installed_rank", 1),
                    Column.text("version", "999999"),
                    Column.text("description", "loopback"),
                    Column.text("type", "BASELINE"),
                    Column.text("script", "loopback"),
                    Column.text("checksum", null),
                    new Column("installed_on", TIMESTAMP, NOW),
                    Column.text("installed_by", "gantry"),
                    Column.number("execution_time", 0),
                    new Column("success", BOOLEAN, "t"));
        }
    }

    private final LoopbackServer server = new LoopbackServer(LoopbackDatabase::converse);

    LoopbackDatabase() throws IOException {}

    String url() {
        return "jdbc:postgresql://127.0.0.1:" + server.port() + "/gantry";
    }

    private static void converse(DataInputStream in, DataOutputStream out) throws IOException {
        greet(in, out);
        Map<String, String> statements = new HashMap<>();
        Answer bound = Answer.to("");
        while (true) {
            int kind = in.readByte();
            byte[] bytes = new byte[in.readInt() - Integer.BYTES];
            in.readFully(bytes);
            ByteBuffer body = ByteBuffer.wrap(bytes);
            switch (kind) {
                case 'P' -> {
                    statements.put(text(body), text(body));
                    say(out, '1', new byte[0]);
                }
                case 'B' -> {
                    text(body); // the portal
                    bound = Answer.to(statements.getOrDefault(text(body), ""));
                    say(out, '2', new byte[0]);
                }
                case 'D' -> {
                    if (body.get() == 'S') {
                        say(out, 't', new byte[Short.BYTES]);
                        bound = Answer.to(statements.getOrDefault(text(body), ""));
                    }
                    describe(out, bound);
                }
                case 'E' -> execute(out, bound);
                case 'C' -> say(out, '3', new byte[0]);
                case 'S' -> ready(out);
                case 'Q' -> {
                    bound = Answer.to(text(body));
                    if (bound.rows() != null) {
                        describe(out, bound);
                    }
                    execute(out, bound);
                    ready(out);
                }
                case 'X' -> {
                    return;
                }
                default -> throw new IOException("not spoken here: " + (char) kind);
            }
        }
    }

    private static void greet(DataInputStream in, DataOutputStream out) throws IOException {
        while (true) {
            int length = in.readInt();
            int code = in.readInt();
            in.skipNBytes(length - 2L * Integer.BYTES);
            if (code != WANTS_TLS && code != WANTS_GSS) {
                break;
            }
            out.write('N');
            out.flush();
        }
        say(out, 'R', new byte[Integer.BYTES]);
        for (Map.Entry<String, String> each : SETTINGS.entrySet()) {
            say(out, 'S', bytes(each.getKey() + '\0' + each.getValue() + '\0'));
        }
        say(out, 'K', new byte[2 * Integer.BYTES]);
        ready(out);
    }

    private static void ready(DataOutputStream out) throws IOException {
        say(out, 'Z', new byte[] {'I'});
        out.flush();
    }

    private static void describe(DataOutputStream out, Answer answer) throws IOException {
        List<Column> columns = answer.rows();
        if (columns == null) {
            say(out, 'n', new byte[0]);
            return;
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        DataOutputStream to = new DataOutputStream(body);
        to.writeShort(columns.size());
        for (Column each : columns) {
            to.write(bytes(each.name() + '\0'));
            to.writeInt(0); // its table,
            to.writeShort(0); // its place there,
            to.writeInt(each.type());
            to.writeShort(-1); // its length,
            to.writeInt(-1); // its modifier,
            to.writeShort(0); // and that it comes as text
        }
        say(out, 'T', body.toByteArray());
    }

    private static void execute(DataOutputStream out, Answer answer) throws IOException {
        List<Column> columns = answer.rows();
        if (columns != null && !columns.isEmpty()) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            DataOutputStream to = new DataOutputStream(body);
            to.writeShort(columns.size());
            for (Column each : columns) {
                String value = each.value();
                to.writeInt(value == null ? -1 : bytes(value).length);
                to.write(value == null ? new byte[0] : bytes(value));
            }
            say(out, 'D', body.toByteArray());
        }
        say(out, 'C', bytes(answer.tag() + '\0'));
    }

    private static void say(DataOutputStream out, int kind, byte[] body) throws IOException {
        out.writeByte(kind);
        out.writeInt(Integer.BYTES + body.length);
        out.write(body);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Up to the next zero. */
    private static String text(ByteBuffer body) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (byte each = body.get(); each != 0; each = body.get()) {
            text.write(each);
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
