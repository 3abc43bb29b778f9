package dev.gantry.convention;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;

import dev.gantry.provider.Providers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The map of the house: which package may import which. A needed import that it forbids is a design
 * question.
 */
class PackageMapTest {
    private static final String ROOT = "dev.gantry";

    /** The first block is the path of one request, top to bottom. */
    private static final String MAP =
            """
            request         | inference operation
            reread          | inference memory
            intake          | inference request reread worker outbox handover memory intake.broker intake.membership intake.offset intake.position concurrent
            intake.membership | reread memory concurrent
            intake.offset   |
            intake.position | inference request reread intake.broker intake.offset
            intake.broker   | concurrent
            worker          | inference routing escalation admission delivery event outbox metering memory budget concurrent
            routing         | inference metering dialect operation
            repair          | inference dialect routing classification operation
            escalation      | inference routing repair admission limit circuit circuit.state provider classification memory concurrent budget metering
            budget          | inference metering fleet memory concurrent
            admission       | inference circuit circuit.state limit memory concurrent
            provider        | inference memory dialect dialect.openai dialect.anthropic dialect.gemini provider.http provider.call
            provider.call   | provider provider.http dialect dialect.responses inference memory
            provider.http   | provider dialect inference memory concurrent
            dialect         | inference operation
            dialect.openai  | dialect inference operation
            dialect.anthropic | dialect inference operation
            dialect.gemini  | dialect inference
            dialect.responses | dialect inference
            classification  | inference provider secret
            explain         | inference request routing escalation budget metering circuit circuit.state
            delivery        | inference event outbox metering audit memory budget
            event           | inference metering audit secret budget
            outbox          | inference event fleet memory concurrent
            handover        | inference fleet concurrent

            inference       |
            operation       | inference
            metering        | inference
            audit           | inference secret
            secret          |
            memory          |
            concurrent      | memory
            discovery       | inference provider memory concurrent
            limit           | inference classification fleet memory concurrent
            circuit         | inference fleet memory circuit.state circuit.table concurrent
            circuit.state   | inference
            circuit.table   | inference fleet circuit.state
            fleet           | memory concurrent
            simulator       | simulator.script simulator.http simulator.quota
            simulator.quota | simulator.script
            simulator.http  | simulator.script
            simulator.script |
            cli             | secret
            cli.explain     | cli cli.batch cli.result explain budget circuit circuit.state fleet inference request routing metering
            cli.operator    | inference cli circuit circuit.state outbox fleet limit
            cli.result      | cli inference
            cli.batch       | cli cli.result inference operation request concurrent
            observe         | inference discovery request explain metering delivery event outbox worker intake intake.position admission limit circuit circuit.state fleet secret memory concurrent
            config          | inference request limit routing circuit circuit.state provider metering event delivery outbox intake fleet secret audit
            config.broker   | config delivery intake outbox secret
            config.catalog  | config limit inference request discovery routing circuit.state provider metering intake secret audit
            launch.training | simulator simulator.script
            launch          | inference discovery request routing admission limit circuit circuit.state provider classification escalation metering audit event outbox delivery worker intake intake.membership handover fleet observe config config.broker config.catalog cli cli.batch cli.explain cli.operator explain launch.training simulator simulator.script secret memory concurrent budget
            """;

    private static final JavaClasses CLASSES =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages(ROOT);

    static Stream<String> packages() {
        return rows().keySet().stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("packages")
    void importsOnlyWhatTheMapAllows(String from) {
        Set<String> allowed = rows().getOrDefault(from, Set.of());
        String[] reachable =
                Stream.concat(Stream.of(from), allowed.stream())
                        .map(name -> ROOT + "." + name)
                        .toArray(String[]::new);

        noClasses()
                .that()
                .resideInAPackage(ROOT + "." + from)
                .should()
                .dependOnClassesThat(
                        resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(reachable))))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void everyPackageHasARow() {
        Set<String> present = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            String name = type.getPackageName();
            if (!name.equals(ROOT)) {
                present.add(name.substring(ROOT.length() + 1));
            }
        }

        assertThat(rows().keySet()).isEqualTo(present);
    }

    @Test
    void importsFormNoCycle() {
        slices().matching(ROOT + ".(**)")
                .should()
                .beFreeOfCycles()
                // The door to all dialects, which in turn know what a provider is.
                .ignoreDependency(equivalentTo(Providers.class), alwaysTrue())
                .check(CLASSES);
    }

    private static Map<String, Set<String>> rows() {
        Map<String, Set<String>> rows = new TreeMap<>();
        MAP.lines()
                .filter(line -> !line.isBlank())
                .map(line -> line.split("\\|", -1))
                .forEach(
                        parts ->
                                rows.put(
                                        parts[0].strip(),
                                        parts[1].isBlank()
                                                ? Set.of()
                                                : new TreeSet<>(
                                                        Arrays.asList(
                                                                parts[1].strip()
                                                                        .split("\\s+", -1)))));
        return rows;
    }
}
