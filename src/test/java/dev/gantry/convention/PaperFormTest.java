package dev.gantry.convention;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

class PaperFormTest {
    private static final int WIDEST = 120;
    private static final int LONGEST_README = 180;
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

    static List<Paper> papers() {
        return Paper.all();
    }

    @Test
    void theReadmeIsShort() {
        assertThat(Paper.of(Paper.README).lines()).hasSizeLessThanOrEqualTo(LONGEST_README);
    }

    /** CI promises to run what the README says. */
    @Test
    void theTestCommandIsWhatCiRuns() throws IOException {
        List<String> commands =
                Paper.of(Paper.README).blocks().stream()
                        .filter(block -> block.heading().equals("Test it"))
                        .map(block -> block.text().strip())
                        .toList();

        assertThat(commands).containsExactly("mvn verify");
        assertThat(Files.readString(Path.of(".ci/run"))).contains("\nmvn -B -ntp verify\n");
    }

    @ParameterizedTest
    @MethodSource("papers")
    void noLineIsTooWide(Paper paper) {
        assertThat(paper.lines()).filteredOn(PaperFormTest::tooWide).isEmpty();
    }

    @Test
    void noLineOfAnExampleIsTooWide() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/examples"))) {
            for (Path file : files.toList()) {
                assertThat(Files.readAllLines(file)).filteredOn(PaperFormTest::tooWide).isEmpty();
            }
        }
    }

    private static boolean tooWide(String line) {
        return line.codePointCount(0, line.length()) > WIDEST;
    }

    @ParameterizedTest
    @MethodSource("papers")
    void everyLinkLeadsSomewhere(Paper paper) {
        assertThat(deadLinks(paper)).isEmpty();
    }

    /** Whoever begins with the README finds every paper. */
    @Test
    void everyPaperIsLinked() {
        String readme = Paper.of(Paper.README).text();
        String decisions = Paper.of(Paper.DOCS.resolve("decisions/README.md")).text();

        assertThat(papers())
                .filteredOn(paper -> paper.path().startsWith(Paper.DOCS))
                .allSatisfy(
                        paper ->
                                assertThat(readme + decisions)
                                        .contains(paper.path().getFileName() + ")"));
    }

    private static List<String> deadLinks(Paper paper) {
        List<String> dead = new ArrayList<>();
        for (MatchResult link : LINK.matcher(String.join("\n", paper.prose())).results().toList()) {
            String target = link.group(1);
            if (!target.startsWith("https://") && !leads(paper, target)) {
                dead.add(target);
            }
        }
        return dead;
    }

    private static boolean leads(Paper from, String target) {
        int hash = target.indexOf('#');
        String name = hash < 0 ? target : target.substring(0, hash);
        Path folder = Objects.requireNonNullElse(from.path().getParent(), Path.of(""));
        Path file = name.isEmpty() ? from.path() : folder.resolve(name).normalize();
        return Files.exists(file)
                && (hash < 0 || headings(Paper.of(file)).contains(target.substring(hash + 1)));
    }

    /** As GitHub makes anchors of them. */
    private static List<String> headings(Paper paper) {
        return paper.prose().stream()
                .filter(line -> line.startsWith("#"))
                .map(
                        line ->
                                line.replaceFirst("#+ ", "")
                                        .toLowerCase(Locale.ROOT)
                                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                                        .replace(' ', '-'))
                .toList();
    }
}
