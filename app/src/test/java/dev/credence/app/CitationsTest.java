package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("What code and pages cite is in the repository, under that heading")
class CitationsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern KINDS =
            Pattern.compile(".*\\.(java|md|ya?ml|xml|properties|py|sh|js|html|css)|credence");
    private static final Pattern SKIPPED = Pattern.compile("target|runs|node_modules|\\..*");

    /** A page of docs as code names it, and a link of a page. */
    private static final Pattern NAMED = Pattern.compile("docs/([\\w-]+\\.md)(?:#([\\w-]+))?");

    private static final Pattern LINK = Pattern.compile("\\]\\(([\\w./-]*\\.md)?(?:#([\\w-]+))?\\)");

    /** Documents that are not in the repository, by the names that were once cited. */
    private static final Pattern OUTSIDE = Pattern.compile(
            "\\b(?:THEORY|SPEC|CLI|EXPERIMENTS|STYLE|DESIGN)\\.md\\b|\\bTHEORY\\b|\\bSPEC\\b|theory sheet|\\bEXPERIMENTS(?: section| ?§|\\))");

    /** The least number of citations that a scan of the whole project meets. */
    private static final int FEWEST = 60;

    private static Map<Path, String> texts() throws IOException {
        Map<Path, String> texts = new TreeMap<>();
        try (Stream<Path> walked = Files.walk(ROOT)) {
            for (Path file : walked.filter(CitationsTest::isScanned).toList()) {
                texts.put(ROOT.relativize(file), Files.readString(file));
            }
        }
        return texts;
    }

    private static boolean isScanned(Path file) {
        Path relative = ROOT.relativize(file);
        for (Path part : relative) {
            if (SKIPPED.matcher(part.toString()).matches()) {
                return false;
            }
        }
        return !relative.endsWith("CitationsTest.java")
                && KINDS.matcher(file.getFileName().toString()).matches()
                && Files.isRegularFile(file);
    }

    private static List<MatchResult> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results().toList();
    }

    /** The anchors that GitHub gives to a page's headings. */
    private static List<String> anchors(String page) {
        List<String> anchors = new ArrayList<>();
        Map<String, Integer> seen = new HashMap<>();
        boolean code = false;
        for (String line : page.lines().toList()) {
            code ^= line.startsWith("```");
            if (!code && line.matches("#{1,6} .*")) {
                String anchor = anchor(line.replaceFirst("#+ ", ""));
                int before = seen.merge(anchor, 1, Integer::sum) - 1;
                anchors.add(before == 0 ? anchor : anchor + "-" + before);
            }
        }
        return anchors;
    }

    private static String anchor(String heading) {
        return heading.strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }

    private static List<String> broken(Map<Path, String> texts) {
        List<String> broken = new ArrayList<>();
        texts.forEach((file, text) -> {
            matches(NAMED, text).stream()
                    .filter(m -> !exists(Path.of("docs").resolve(m.group(1)), m.group(2)))
                    .forEach(m -> broken.add(file + ": " + m.group()));
            if (file.toString().endsWith(".md")) {
                matches(LINK, text).stream()
                        .filter(m -> m.group(1) != null || m.group(2) != null)
                        .filter(m -> !exists(m.group(1) == null ? file : file.resolveSibling(m.group(1)), m.group(2)))
                        .forEach(m -> broken.add(file + ": " + m.group()));
            }
        });
        return broken;
    }

    private static boolean exists(Path page, String anchor) {
        Path file = ROOT.resolve(page).normalize();
        try {
            return Files.isRegularFile(file)
                    && (anchor == null || anchors(Files.readString(file)).contains(anchor));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyPageAndHeadingThatIsCitedExists() throws IOException {
        Map<Path, String> texts = texts();

        assertThat(texts.values().stream().flatMap(t -> matches(NAMED, t).stream()))
                .as("citations found")
                .hasSizeGreaterThan(FEWEST);
        assertThat(broken(texts)).isEmpty();
    }

    @Test
    void nothingCitesDocumentsThatAreNotHere() throws IOException {
        List<String> cited = new ArrayList<>();
        texts().forEach((file, text) -> matches(OUTSIDE, text).forEach(m -> cited.add(file + ": " + m.group())));
        assertThat(cited).isEmpty();
    }

    static Stream<Arguments> citations() {
        return Stream.of(
                arguments("A.java", "see docs/theory.md#slopes", true),
                arguments("A.java", "see docs/theory.md#no-such-heading", false),
                arguments("A.java", "see docs/nowhere.md", false),
                arguments("docs/a.md", "[t](theory.md#where-the-penalty-stands)", true),
                arguments("docs/a.md", "[t](theory.md#slope)", false),
                arguments("docs/theory.md", "[t](#reading-c)", true),
                arguments("docs/theory.md", "[t](#reading-e)", false));
    }

    @ParameterizedTest
    @MethodSource("citations")
    void aCitationIsFollowedToItsHeading(String file, String text, boolean holds) {
        assertThat(broken(Map.of(Path.of(file), text)).isEmpty()).isEqualTo(holds);
    }
}
