package dev.gantry.classification;

import org.jspecify.annotations.Nullable;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Instants as sentences write them: {@code 2026-11-26 23:59:28}, {@code 2026-12-01 at 00:00 UTC},
 * {@code Nov 26, 2026, 11:59 PM}, {@code 10:57 PM GMT-3}. One without a zone is in the vendor's.
 */
final class Moment {
    private static final ZoneId CHINA = ZoneId.of("Asia/Shanghai");

    private static final Set<String> CHINESE =
            Set.of(
                    "zai",
                    "z-ai",
                    "zhipu",
                    "zhipuai",
                    "bigmodel",
                    "glm",
                    "dashscope",
                    "alibaba",
                    "aliyun",
                    "qwen",
                    "bailian",
                    "qianfan",
                    "baidu",
                    "ernie",
                    "siliconflow",
                    "minimax",
                    "moonshot",
                    "kimi",
                    "deepseek",
                    "volcengine",
                    "doubao",
                    "ark",
                    "stepfun",
                    "tencent",
                    "hunyuan");

    private static final List<String> MONTHS =
            List.of(
                    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
                    "dec");

    private static final Pattern FORM =
            Pattern.compile(
                    "(?:(?<year>20\\d\\d)[-/.](?<month>\\d{1,2})[-/.](?<day>\\d{1,2})"
                            + "|(?<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.?"
                            + " (?<day2>\\d{1,2})(?:st|nd|rd|th)?(?:,? (?<year2>20\\d\\d))?)?"
                            + "(?:t|,? at |[, ]{1,2})?"
                            + "(?:(?<hour>\\d{1,2}):(?<minute>\\d\\d)(?::(?<second>\\d\\d)(?:\\.\\d{1,9})?)?"
                            + "(?: ?(?<half>[ap])\\.?m\\.?)?)?"
                            + " ?\\(?(?<zone>z\\b|utc|gmt)?(?<offset>[+-]\\d{1,2}(?::?\\d\\d)?)?");

    private Moment() {}

    /**
     * The instant that begins at a place of a text.
     *
     * @param text comparable
     * @param now what a time of day comes next after
     * @return null if none does
     */
    static @Nullable Instant at(String text, int from, String vendor, Instant now) {
        Matcher form = FORM.matcher(text).region(from, text.length());
        if (!form.lookingAt()) {
            return null;
        }
        boolean timed = form.group("hour") != null;
        if (!timed && !dated(form)) {
            return null;
        }
        try {
            ZoneId zone = zone(form, vendor);
            LocalDate today = LocalDate.ofInstant(now, zone);
            LocalTime time = timed ? time(form) : LocalTime.MIDNIGHT;
            if (!dated(form)) {
                Instant next = LocalDateTime.of(today, time).atZone(zone).toInstant();
                return next.isAfter(now) ? next : next.plus(Duration.ofDays(1));
            }
            return LocalDateTime.of(date(form, today), time).atZone(zone).toInstant();
        } catch (DateTimeException _) {
            return null;
        }
    }

    private static boolean dated(Matcher form) {
        return form.group("year") != null || form.group("name") != null;
    }

    private static LocalDate date(Matcher form, LocalDate today) {
        if (form.group("year") != null) {
            return LocalDate.of(number(form, "year"), number(form, "month"), number(form, "day"));
        }
        Month month = Month.of(MONTHS.indexOf(form.group("name")) + 1);
        int year = form.group("year2") == null ? today.getYear() : number(form, "year2");
        LocalDate date = LocalDate.of(year, month, number(form, "day2"));
        boolean past = form.group("year2") == null && date.isBefore(today.minusMonths(1));
        return past ? date.plusYears(1) : date;
    }

    private static LocalTime time(Matcher form) {
        int hour = number(form, "hour");
        String half = form.group("half");
        if (half != null) {
            hour = hour % 12 + (half.equals("p") ? 12 : 0);
        }
        int second = form.group("second") == null ? 0 : number(form, "second");
        return LocalTime.of(hour, number(form, "minute"), second);
    }

    private static ZoneId zone(Matcher form, String vendor) {
        String offset = form.group("offset");
        if (offset != null) {
            String sign = offset.substring(0, 1);
            String digits = offset.substring(1).replace(":", "");
            String hours = digits.length() % 2 == 0 ? digits : "0" + digits;
            return ZoneOffset.of(sign + hours.substring(0, 2) + rest(hours));
        }
        if (form.group("zone") != null) {
            return ZoneOffset.UTC;
        }
        return CHINESE.contains(vendor.toLowerCase(Locale.ROOT)) ? CHINA : ZoneOffset.UTC;
    }

    private static String rest(String hours) {
        return hours.length() > 2 ? hours.substring(2) : "";
    }

    private static int number(Matcher form, String group) {
        return Integer.parseInt(form.group(group));
    }
}
