package dev.gantry.simulator;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The body of a good answer about harmless inputs; it has no usage, as it costs nothing. */
record ModerationAnswer(String id, String model, Question question) implements GoodAnswer {
    private static final List<String> CATEGORIES =
            List.of("harassment", "hate", "illicit", "self-harm", "sexual", "violence");

    private static final double HARMLESS = 0.01;

    @Override
    public String beforeText() {
        return "{\"id\":\"%s\",\"model\":%s,\"note\":\"".formatted(id, ApiError.quoted(model));
    }

    @Override
    public String text() {
        return "";
    }

    @Override
    public String afterText() {
        return "\",\"results\":"
                + IntStream.range(0, question.inputs())
                        .mapToObj(this::result)
                        .collect(Collectors.joining(",", "[", "]"))
                + "}";
    }

    private String result(int index) {
        SplittableRandom random = new SplittableRandom(question.fingerprint() + index);
        return "{\"flagged\":false,\"categories\":%s,\"category_scores\":%s}"
                .formatted(
                        object(_ -> "false"),
                        object(_ -> Double.toString(random.nextDouble(HARMLESS))));
    }

    private static String object(UnaryOperator<String> value) {
        return CATEGORIES.stream()
                .map(each -> "\"" + each + "\":" + value.apply(each))
                .collect(Collectors.joining(",", "{", "}"));
    }
}
