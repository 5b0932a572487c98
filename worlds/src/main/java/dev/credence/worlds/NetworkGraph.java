package dev.credence.worlds;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * A network's graph as a picture (SVG): every variable below those that it depends on, hidden ones dashed, those that
 * nothing rewarded or shown reads grey.
 */
public final class NetworkGraph {
    private static final double HEIGHT = 40; // of a node
    private static final double LAYER = 96; // from one layer to the next
    private static final double GAP = 28; // between nodes of a layer
    private static final double MARGIN = 24;
    private static final double CHARACTER = 8.5; // width of one
    private static final double FOOT = 36;

    private final Network network;
    private final List<List<Integer>> layers = new ArrayList<>();
    private final double[] x; // (variables), centres
    private final double[] y;
    private final double width;

    /**
     * Lays the graph out.
     *
     * @param network the network
     */
    public NetworkGraph(Network network) {
        this.network = network;
        int count = network.variables().size();
        this.x = new double[count];
        this.y = new double[count];
        fillLayers();
        this.width = place();
    }

    /** {@return the picture, an SVG document} */
    public String svg() {
        double height = 2 * MARGIN + (layers.size() - 1) * LAYER + HEIGHT + FOOT;
        StringBuilder svg = new StringBuilder();
        svg.append(format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\""
                        + " role=\"img\" font-family=\"sans-serif\" font-size=\"14\">%n",
                width, height, width, height));
        svg.append("<title>")
                .append(escaped("Variables and what they depend on"))
                .append("</title>\n");
        svg.append(
                "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\""
                        + " orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#444\"/></marker></defs>\n");
        svg.append(format("<rect width=\"%.0f\" height=\"%.0f\" fill=\"#fff\"/>%n", width, height));
        for (int child = 0; child < x.length; child++) {
            for (int parent : network.variables().get(child).parents()) {
                svg.append(edge(parent, child));
            }
        }
        for (int id = 0; id < x.length; id++) {
            svg.append(node(id));
        }
        svg.append(format(
                "<text x=\"%.0f\" y=\"%.0f\" font-size=\"12\" fill=\"#444\">dashed: hidden. grey: in no text and no"
                        + " reward</text>%n",
                MARGIN, height - MARGIN / 2));
        return svg.append("</svg>\n").toString();
    }

    /** A variable stands one layer below its lowest parent. */
    private void fillLayers() {
        int[] layer = new int[x.length];
        for (int id = 0; id < x.length; id++) {
            for (int parent : network.variables().get(id).parents()) {
                layer[id] = Math.max(layer[id], layer[parent] + 1);
            }
            while (layers.size() <= layer[id]) {
                layers.add(new ArrayList<>());
            }
            layers.get(layer[id]).add(id);
        }
    }

    /** Layer by layer, each in the order of its parents' means; centred. */
    private double place() {
        double widest = 360; // the legend
        for (List<Integer> layer : layers) {
            double wide = layer.stream().mapToDouble(this::width).sum() + GAP * (layer.size() - 1);
            widest = Math.max(widest, wide);
        }
        for (int depth = 0; depth < layers.size(); depth++) {
            List<Integer> layer = layers.get(depth);
            layer.sort(Comparator.comparingDouble(this::parentsMean));
            double wide = layer.stream().mapToDouble(this::width).sum() + GAP * (layer.size() - 1);
            double left = MARGIN + (widest - wide) / 2;
            for (int id : layer) {
                x[id] = left + width(id) / 2;
                y[id] = MARGIN + HEIGHT / 2 + depth * LAYER;
                left += width(id) + GAP;
            }
        }
        return widest + 2 * MARGIN;
    }

    private double parentsMean(int id) {
        return network.variables().get(id).parents().stream()
                .mapToDouble(parent -> x[parent])
                .average()
                .orElse(0);
    }

    private double width(int id) {
        return Math.max(64, CHARACTER * network.variables().get(id).name().length() + 28);
    }

    /** Straight down to the next layer; past a layer in a bow, so that it does not run behind a node. */
    private String edge(int parent, int child) {
        double from = y[parent] + HEIGHT / 2;
        double to = y[child] - HEIGHT / 2;
        int passed = (int) Math.round((y[child] - y[parent]) / LAYER) - 1;
        double side = passed == 0 ? 0 : (x[child] >= width / 2 ? 1 : -1) * 60.0 * passed;
        return format(
                "<path d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\" fill=\"none\" stroke=\"#444\""
                        + " marker-end=\"url(#tip)\"/>%n",
                x[parent],
                from,
                x[parent] + side,
                from + (to - from) / 2,
                x[child] + side,
                from + (to - from) / 2,
                x[child],
                to);
    }

    private String node(int id) {
        Variable variable = network.variables().get(id);
        boolean read = Projection.textScope(network).contains(id);
        String fill = variable.isHidden() || read ? "#fff" : "#ddd";
        String dashes = variable.isHidden() ? " stroke-dasharray=\"5 4\"" : "";
        return format(
                "<g><title>%s</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"20\" fill=\"%s\""
                        + " stroke=\"#222\" stroke-width=\"1.5\"%s/><text x=\"%.1f\" y=\"%.1f\""
                        + " text-anchor=\"middle\">%s</text></g>%n",
                escaped(variable.name() + ": " + String.join(", ", variable.values())),
                x[id] - width(id) / 2,
                y[id] - HEIGHT / 2,
                width(id),
                HEIGHT,
                fill,
                dashes,
                x[id],
                y[id] + 5,
                escaped(variable.name()));
    }

    private static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern.replace("%n", "\n"), arguments);
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                default -> escaped.append(c < ' ' ? ' ' : c);
            }
        }
        return escaped.toString();
    }
}
