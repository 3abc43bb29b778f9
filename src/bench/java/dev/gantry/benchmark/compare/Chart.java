package dev.gantry.benchmark.compare;

import dev.gantry.benchmark.compare.Figures.OfParty;
import dev.gantry.benchmark.compare.Figures.OfScenario;

import java.util.List;
import java.util.Locale;

/** A panel for each scenario, two beside each other; a bar of results per second for each party. */
record Chart(String machine, List<OfScenario> scenarios) {
    private static final int PANEL = 470;
    private static final int NAMES = 120;
    private static final int BAR = 160;
    private static final int ROW = 19;
    private static final int TITLE = 30;
    private static final int FOOT = 40;

    String svg() {
        StringBuilder svg = new StringBuilder();
        int top = 10;
        for (int first = 0; first < scenarios.size(); first += 2) {
            int rows = 0;
            for (int each = first; each < Math.min(first + 2, scenarios.size()); each++) {
                OfScenario scenario = scenarios.get(each);
                panel(svg, scenario, 10 + (each - first) * PANEL, top);
                rows = Math.max(rows, scenario.parties().size());
            }
            top += TITLE + ROW * rows + 10;
        }
        text(
                svg,
                10,
                top + 20,
                "note",
                "Results per second, warm; latency is what a request takes beyond its calls at 70 % of");
        text(svg, 10, top + 36, "note", "the party's own peak. " + machine);
        return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif">
        <style>
        .title { font-size: 12.5px; font-weight: bold; fill: #24292f; }
        .name, .value { font-size: 11.5px; fill: #24292f; }
        .note { font-size: 11px; fill: #57606a; }
        .ours { fill: #1f6feb; }
        .theirs { fill: #afb8c1; }
        </style>
        <rect width="100%%" height="100%%" fill="white"/>
        %s</svg>
        """
                .formatted(2 * PANEL, top + FOOT + 10, svg);
    }

    private static void panel(StringBuilder svg, OfScenario scenario, int left, int top) {
        text(svg, left, top + 18, "title", scenario.scenario() + ": " + scenario.says());
        double most = scenario.parties().stream().mapToDouble(OfParty::perSecond).max().orElse(0);
        int y = top + TITLE;
        for (OfParty each : scenario.parties()) {
            int length = most > 0 ? (int) Math.round(BAR * each.perSecond() / most) : 0;
            text(svg, left, y + 12, "name", each.party());
            svg.append(
                    "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>%n"
                            .formatted(
                                    each.party().equals(Party.GANTRY.label()) ? "ours" : "theirs",
                                    left + NAMES,
                                    y,
                                    Math.max(1, length),
                                    ROW - 5));
            text(svg, left + NAMES + length + 6, y + 12, "value", value(each));
            y += ROW;
        }
    }

    private static String value(OfParty party) {
        if (party.bursts().isEmpty()) {
            return "did not start";
        }
        int lost = party.bursts().getLast().unanswered();
        if (lost > 0) {
            return "%d requests without a result".formatted(lost);
        }
        String rate = String.format(Locale.ROOT, "%,.0f/s", party.perSecond());
        return party.paces().isEmpty()
                ? rate
                : rate
                        + String.format(
                                Locale.ROOT, ", p99 +%.1f ms", party.paces().getLast().p99Millis());
    }

    private static void text(StringBuilder svg, int x, int y, String style, String text) {
        svg.append(
                "<text class=\"%s\" x=\"%d\" y=\"%d\">%n%s</text>%n"
                        .formatted(style, x, y, text.replace("&", "&amp;").replace("<", "&lt;")));
    }
}
