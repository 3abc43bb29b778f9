package dev.gantry.classification;

import dev.gantry.inference.Change;
import dev.gantry.inference.Payload;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestBody.Member;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads out of a bad_request what the provider has against the request's form: by the error's own
 * members first, by its words where these say nothing, and by no word that the request may have
 * said first.
 */
final class ObjectionReader {
    /** What is refused goes ill with another member, or in this value only. */
    private static final Pattern CONDITIONAL =
            Pattern.compile(
                    "\\b(?:when|if|unless|while|together|both|combin\\w{1,8}|conjunction|same time"
                            + "|stream\\w{0,3}|thinking|tools?|unsupported value|supported values"
                            + "|appears to contain)\\b");

    /** A ceiling that the rest of the request has lowered. */
    private static final Pattern DEPENDENT =
            Pattern.compile(
                    "\\b(?:since|because(?! it has)|given|prompt|input(?! (?:should|validation))|context"
                            + "|for requests)\\b");

    /** Whatever its value, the default is the only one. */
    private static final Pattern ONLY_DEFAULT = Pattern.compile("only the default");

    private static final Pattern VALUE =
            Pattern.compile(
                    "unsupported value|supported values|support ['\"]?[\\d.]|invalid value"
                            + "|not a (?:valid|supported) value");

    /** The caller's own schema is what is wrong: names in it are the caller's. */
    private static final Pattern SCHEMA = Pattern.compile("\\bschema\\b|in context=");

    /** Ollama's word for what asks for it. */
    private static final String THINKING = "thinking";

    private final RequestBody request;
    private final String said;
    private final List<TypedObjection> typed;

    private ObjectionReader(RequestBody request, String said, List<TypedObjection> typed) {
        this.request = request;
        this.said = said;
        this.typed = typed;
    }

    /**
     * Reads one error body.
     *
     * @param said comparable
     * @return null: nothing that could be helped by a change of form
     */
    static @Nullable Objection read(Payload body, String said, RequestBody request) {
        List<TypedObjection> typed = TypedObjection.in(body);
        boolean coded = typed.stream().anyMatch(TypedObjection::telling);
        if (!coded && !LimitWords.mentioned(said) && ObjectionWords.in(said) == null) {
            return null; // most errors: the request need not be read for words of its own
        }
        var reader = new ObjectionReader(request, SharedWords.ownSentences(said, request), typed);
        Objection limit = reader.tooLarge();
        return limit == null ? reader.unknown() : limit;
    }

    private @Nullable Objection tooLarge() {
        Long asked = request.facts().requestedOutputTokens();
        String named = placed();
        boolean elsewhere = named != null && !Expendable.OUTPUT_LIMITS.contains(named);
        if (asked == null || elsewhere || isDeeper()) {
            return null;
        }
        boolean above = named != null && typed.stream().anyMatch(TypedObjection::aboveMaximum);
        if (!above && !LimitWords.tooLarge(said)) {
            return null;
        }
        String part = LimitWords.part(said);
        Long ceiling = LimitWords.ceiling(part, asked);
        String member = named == null ? "max_tokens" : named;
        return ceiling == null
                ? new Objection.Mendable(
                        List.of(new Change.Dropped(member)), Objection.Extent.THIS_ONE)
                : new Objection.Mendable(
                        List.of(new Change.Clamped(member, ceiling)),
                        DEPENDENT.matcher(part).find() ? Objection.Extent.THIS_ONE : extent(part));
    }

    private @Nullable Objection unknown() {
        boolean coded = typed.stream().anyMatch(each -> each.unknown() || each.badValue());
        ObjectionWords words = SCHEMA.matcher(said).find() ? null : ObjectionWords.in(said);
        if (!coded && (words == null || isDeeper())) {
            return null;
        }
        List<Change> changes = new ArrayList<>();
        if (coded) {
            typed.stream()
                    .filter(each -> each.unknown() || each.badValue())
                    .map(TypedObjection::member)
                    .forEach(name -> add(name, words, changes));
        }
        if (changes.isEmpty() && words != null && !isDeeper()) {
            String placed = placed();
            words.names().stream()
                    .filter(name -> placed == null || plain(name).equals(plain(placed)))
                    .forEach(name -> add(name, words, changes));
        }
        return changes.isEmpty()
                ? new Objection.Foreign(refused(words))
                : new Objection.Mendable(all(changes), extent(said));
    }

    /** Of two that exclude each other, the first named stays. */
    private List<Change> all(List<Change> changes) {
        return changes.size() > 1 && said.contains("cannot both be")
                ? changes.subList(1, changes.size())
                : changes;
    }

    private Set<String> refused(@Nullable ObjectionWords words) {
        Set<String> names = new HashSet<>(words == null ? Set.of() : words.names());
        typed.stream().map(TypedObjection::member).filter(name -> name != null).forEach(names::add);
        return names;
    }

    private Objection.Extent extent(String part) {
        boolean value = typed.stream().anyMatch(TypedObjection::badValue);
        return ONLY_DEFAULT.matcher(part).find() || !(value || CONDITIONAL.matcher(part).find())
                ? Objection.Extent.ALL
                : Objection.Extent.THIS_ONE;
    }

    private void add(@Nullable String name, @Nullable ObjectionWords words, List<Change> changes) {
        Change change = name == null ? null : change(name, words == null ? null : words.instead());
        if (change != null && !changes.contains(change)) {
            changes.add(change);
        }
    }

    private @Nullable Change change(String name, @Nullable String instead) {
        Member member = member(name);
        if (isLimit(name) && request.facts().requestedOutputTokens() != null) {
            // An operation that has one name for it only will not be understood under another.
            return request.facts().limitField() == null ? limit(name, instead) : null;
        }
        if (member == null) {
            return null;
        }
        if (isLimit(name)) {
            return new Change.Dropped(member.name()); // null: it limits nothing
        }
        if (instead != null && Expendable.synonyms(member.name(), instead)) {
            return new Change.Renamed(member.name(), instead);
        }
        boolean value =
                VALUE.matcher(said).find() || typed.stream().anyMatch(TypedObjection::badValue);
        boolean lost =
                value ? Expendable.value(request, member) : Expendable.parameter(request, member);
        return lost ? new Change.Dropped(member.name()) : null;
    }

    private static boolean isLimit(String name) {
        return Expendable.OUTPUT_LIMITS.stream().anyMatch(each -> plain(each).equals(plain(name)));
    }

    /** A server that does not know the one name knows the other. */
    private static Change limit(String name, @Nullable String instead) {
        String member =
                Expendable.OUTPUT_LIMITS.stream()
                        .filter(each -> plain(each).equals(plain(name)))
                        .findFirst()
                        .orElse(name);
        if (instead != null && !instead.equals(member) && isLimit(instead)) {
            return new Change.Renamed(member, instead);
        }
        return new Change.Renamed(
                member, member.equals("max_tokens") ? "max_completion_tokens" : "max_tokens");
    }

    private @Nullable Member member(String name) {
        String wanted = name.equals(THINKING) ? "reasoning_effort" : name;
        return request.members().stream()
                .filter(each -> plain(each.name()).equals(plain(wanted)))
                .findFirst()
                .orElse(null);
    }

    /** Some servers speak of topP where they are sent top_p. */
    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    /** The top-level member that the error itself points at. */
    private @Nullable String placed() {
        return typed.stream()
                .map(TypedObjection::member)
                .filter(name -> name != null)
                .findFirst()
                .orElse(null);
    }

    /** Whether it points at something inside a member. */
    private boolean isDeeper() {
        return placed() == null && typed.stream().anyMatch(TypedObjection::placed);
    }
}
