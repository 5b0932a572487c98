package dev.credence.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Media;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The report in a real browser, from disk; the pictures are in target/screenshots. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrowserTest {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path PICTURES = Path.of("target", "screenshots");
    private static final Path FILE = PICTURES.resolve("report.html");

    private Playwright playwright;
    private Browser browser;
    private final List<BrowserContext> contexts = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    @BeforeAll
    void start() throws IOException {
        boolean there = Files.isExecutable(CHROMIUM);
        if (!there && "true".equals(System.getenv("CI"))) {
            throw new AssertionError(CHROMIUM + " is missing, which CI must have: apt-get install chromium");
        }
        assumeTrue(there, CHROMIUM + " is not installed, so the report was not looked at in a browser");
        Files.createDirectories(PICTURES);
        try (Writer out = Files.newBufferedWriter(FILE)) {
            HtmlReport.write(Example.document(), out);
        }
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(CHROMIUM)
                        .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")));
    }

    @AfterEach
    void leave() {
        contexts.forEach(BrowserContext::close);
        contexts.clear();
        complaints.clear();
    }

    @AfterAll
    void stop() {
        if (playwright != null) {
            playwright.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"1280,LIGHT", "1280,DARK", "390,LIGHT", "390,DARK"})
    void looksRightAt(int width, ColorScheme scheme) {
        Page page = open(width, scheme, true);
        assertThat(page.locator(".plot svg").count())
                .as("charts that are drawn")
                .isEqualTo(page.locator(".plot").count());
        assertThat(page.locator(".plot").count()).as("charts").isGreaterThan(8);
        Object overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
        assertThat((Integer) overflow)
                .as("the page is wider than the screen by")
                .isLessThanOrEqualTo(0);
        if (width < 500) {
            Locator methods = page.locator("#methods .scroll");
            assertThat(methods.evaluate("box => box.scrollWidth - box.clientWidth"))
                    .as("no column of the methods is cut off")
                    .isEqualTo(0);
        }
        assertThat(page.evaluate("window.hacked === undefined"))
                .as("no prompt is a script")
                .isEqualTo(true);
        shot(page, "report-" + width + "-" + scheme.name().toLowerCase(Locale.ROOT));
        assertThat(complaints).as("messages of the console, and requests").isEmpty();
    }

    @Test
    void sortsByAHeadWithMouseAndKey() {
        Page page = open(1280, ColorScheme.LIGHT, true);
        Locator table = page.locator("#audit-1 table.prompts");
        Locator head = table.locator("thead th").filter(new Locator.FilterOptions().setHasText("Departure"));
        head.locator("button").click();
        assertThat(head.getAttribute("aria-sort")).isEqualTo("ascending");
        List<Double> up = departures(table);
        assertThat(up).hasSize(Example.PROMPTS.size()).isSorted();
        head.locator("button").press("Enter");
        assertThat(head.getAttribute("aria-sort")).isEqualTo("descending");
        assertThat(departures(table))
                .isSortedAccordingTo((a, b) -> Double.compare(b, a))
                .hasSameElementsAs(up);
        assertThat(complaints).isEmpty();
    }

    @Test
    void theButtonSwitchesThePageAndTheCharts() {
        Page page = open(1280, ColorScheme.LIGHT, true);
        String ground = "getComputedStyle(document.body).backgroundColor";
        Object light = page.evaluate(ground);
        String drawing = page.locator("#audit-1-ratio svg").innerHTML();
        page.locator("#theme").click();
        assertThat(page.evaluate(ground)).isNotEqualTo(light);
        assertThat(page.locator("#audit-1-ratio svg").innerHTML()).isNotEqualTo(drawing);
        assertThat(page.locator("#theme").textContent()).isEqualTo("Light");
        page.locator("#theme").click();
        assertThat(page.evaluate(ground)).isEqualTo(light);
        assertThat(complaints).isEmpty();
    }

    @Test
    void followsTheWindow() {
        Page page = open(1280, ColorScheme.LIGHT, true);
        double wide = page.locator("#audit-1-ledger svg").boundingBox().width;
        page.setViewportSize(600, 900);
        page.waitForFunction("w => document.querySelector('#audit-1-ledger svg').clientWidth < w", wide);
        assertThat(page.locator("#audit-1-ledger svg").boundingBox().width).isBetween(300.0, 600.0);
    }

    @Test
    void aBarTellsItsFigure() {
        Page page = open(1280, ColorScheme.LIGHT, true);
        Locator ledger = page.locator("#audit-1-ledger");
        ledger.scrollIntoViewIfNeeded();
        ledger.hover(new Locator.HoverOptions().setPosition(300, 25));
        Finding total = Objects.requireNonNull(
                Example.single().steps().get(0).findings().get("kl.policy_prior"));
        ledger.getByText("policy from prior " + FindingFormat.of(total) + " nats")
                .waitFor();
        assertThat(complaints).isEmpty();
    }

    @Test
    void aLinkUnfoldsAnAuditAndDrawsIt() throws IOException {
        List<NamedAudit> many = new ArrayList<>();
        for (int at = 1; at <= 5; at++) {
            many.add(new NamedAudit("audit " + at, Example.single()));
        }
        Path file = PICTURES.resolve("folded.html");
        try (Writer out = Files.newBufferedWriter(file)) {
            HtmlReport.write(new ReportDocument("Five", null, many, Example.provenance(), "{}"), out);
        }
        Page page = open(1280, ColorScheme.LIGHT, true, file);
        assertThat(page.locator("#audit-1-ledger svg").isVisible()).isTrue();
        assertThat(page.locator("#audit-4-ledger").isVisible()).isFalse();
        page.locator("nav a", new Page.LocatorOptions().setHasText("audit 4")).click();
        page.locator("#audit-4-ledger svg").waitFor();
        assertThat(page.locator("#audit-5-ledger").isVisible()).isFalse();
        assertThat(complaints).isEmpty();
    }

    @Test
    void saysSoWithoutScripts() {
        Page page = open(390, ColorScheme.LIGHT, false);
        assertThat(page.locator("noscript").first().isVisible()).isTrue();
        assertThat(page.locator("#theme").isVisible()).isFalse();
        assertThat(page.locator("[data-id='kl.departure']").first().isVisible()).isTrue();
    }

    @Test
    void prints() {
        Page page = open(1280, ColorScheme.DARK, true);
        page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
        byte[] paper = page.pdf(
                new Page.PdfOptions().setPath(PICTURES.resolve("report.pdf")).setFormat("A4"));
        assertThat(new String(paper, 0, 5, StandardCharsets.US_ASCII)).isEqualTo("%PDF-");
        assertThat(complaints).isEmpty();
    }

    private static List<Double> departures(Locator table) {
        return table.locator("tbody tr td.num:has([data-id='kl.departure'])").all().stream()
                .map(cell -> Double.valueOf(cell.getAttribute("data-sort")))
                .toList();
    }

    private Page open(int width, ColorScheme scheme, boolean scripts) {
        return open(width, scheme, scripts, FILE);
    }

    private Page open(int width, ColorScheme scheme, boolean scripts, Path file) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(width, 900)
                .setColorScheme(scheme)
                .setJavaScriptEnabled(scripts));
        contexts.add(context);
        Page page = context.newPage();
        page.onConsoleMessage(message -> complaints.add(message.type() + ": " + message.text()));
        page.onPageError(error -> complaints.add("error: " + error));
        page.onRequest(request -> {
            if (!request.url().startsWith("file:")) {
                complaints.add("request: " + request.url());
            }
        });
        page.navigate(file.toAbsolutePath().toUri().toString());
        return page;
    }

    private static void shot(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(PICTURES.resolve(name + ".png")));
    }
}
