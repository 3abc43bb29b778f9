package dev.gantry.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A command's arguments, taken apart.
 *
 * @param operands what is no option, in order
 * @param values the options that take a value
 * @param switches the options that take none
 * @param springOptions dotted options such as {@code --spring.kafka.bootstrap-servers=…}, as they
 *     came: they are Spring's to read
 */
public record CommandLine(
        List<String> operands,
        Map<String, String> values,
        Set<String> switches,
        List<String> springOptions) {
    private static final Pattern PROPERTY =
            Pattern.compile("--[A-Za-z][A-Za-z0-9_-]*[.\\[][^=]*=.*", Pattern.DOTALL);
    private static final Pattern WITHOUT_VALUE =
            Pattern.compile("--[A-Za-z][A-Za-z0-9_-]*[.\\[][^=]*");

    public CommandLine {
        operands = List.copyOf(operands);
        values = Map.copyOf(values);
        switches = Set.copyOf(switches);
        springOptions = List.copyOf(springOptions);
    }

    /** Whether an argument is such as {@code --spring.kafka.bootstrap-servers=HOST:PORT}. */
    public static boolean isProperty(String argument) {
        return PROPERTY.matcher(argument).matches();
    }

    public Optional<String> value(String option) {
        return Optional.ofNullable(values.get(option));
    }

    public boolean has(String option) {
        return switches.contains(option);
    }

    /** The options that a command knows. */
    public record Grammar(String command, Set<String> valued, Set<String> switches, String usage) {
        public CommandLine parse(List<String> args) {
            return new Parse(this, args).all();
        }

        /**
         * For a command that has properties only.
         *
         * @throws UsageException if there is anything else
         */
        public void parseProperties(List<String> args) {
            List<String> operands = parse(args).operands();
            if (!operands.isEmpty()) {
                throw refuse("unexpected " + String.join(" ", operands));
            }
        }

        public UsageException refuse(String message) {
            return new UsageException(command + ": " + message, usage);
        }

        /** The one operand that is given. */
        public String file(CommandLine line) {
            if (line.operands().size() != 1) {
                throw refuse(
                        line.operands().isEmpty()
                                ? "FILE is missing"
                                : "expected one FILE, got " + String.join(" ", line.operands()));
            }
            return line.operands().getFirst();
        }

        /** A file's name as a path. */
        public Path path(String what, String name) {
            try {
                return Path.of(name);
            } catch (InvalidPathException e) {
                throw refuse(
                        "%s: the name %s cannot be used in this locale (%s); LC_ALL=C.UTF-8 helps"
                                .formatted(what, Visible.quoted(name), e.getReason()));
            }
        }

        private String options() {
            return Stream.concat(valued.stream(), switches.stream())
                    .sorted()
                    .map(name -> "--" + name)
                    .collect(
                            Collectors.collectingAndThen(
                                    Collectors.joining(", "),
                                    all -> all.isEmpty() ? "properties, --X.Y=VALUE" : all));
        }
    }

    private static final class Parse {
        private final Grammar grammar;
        private final Deque<String> left;
        private final List<String> operands = new ArrayList<>();
        private final Map<String, String> values = new LinkedHashMap<>();
        private final Set<String> switches = new LinkedHashSet<>();
        private final List<String> springOptions = new ArrayList<>();

        Parse(Grammar grammar, List<String> args) {
            this.grammar = grammar;
            this.left = new ArrayDeque<>(args);
        }

        CommandLine all() {
            while (!left.isEmpty()) {
                String arg = left.removeFirst();
                if (arg.equals("--")) {
                    operands.addAll(left);
                    left.clear();
                } else if (isProperty(arg)) {
                    springOptions.add(arg);
                } else if (arg.startsWith("-") && !arg.equals("-")) {
                    option(arg);
                } else {
                    operands.add(arg);
                }
            }
            return new CommandLine(operands, values, switches, springOptions);
        }

        private void option(String arg) {
            int equals = arg.indexOf('=');
            String written = equals < 0 ? arg : arg.substring(0, equals);
            String name = written.startsWith("--") ? written.substring(2) : "";
            if (grammar.switches().contains(name)) {
                if (equals >= 0) {
                    throw grammar.refuse("option " + written + " takes no value, got " + arg);
                }
                switches.add(name);
            } else if (grammar.valued().contains(name)) {
                String value = equals < 0 ? next(written) : arg.substring(equals + 1);
                store(name, value);
            } else {
                throw grammar.refuse(
                        equals < 0 && WITHOUT_VALUE.matcher(arg).matches()
                                ? "a property is written with its value: %s=VALUE".formatted(arg)
                                : "unknown option %s; allowed are %s"
                                        .formatted(written, grammar.options()));
            }
        }

        private String next(String option) {
            String value = left.pollFirst();
            if (value == null || value.startsWith("--")) {
                throw grammar.refuse("option " + option + " needs a value");
            }
            return value;
        }

        private void store(String name, String value) {
            if (value.isBlank()) {
                throw grammar.refuse("option --" + name + " needs a value, got an empty one");
            }
            String earlier = values.putIfAbsent(name, value);
            if (earlier != null) {
                throw grammar.refuse(
                        "option --" + name + " is given twice: " + earlier + " and " + value);
            }
        }
    }
}
