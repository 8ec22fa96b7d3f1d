"""data/ -> a static site, which people read without Python, without a server and without JavaScript.

    site        the dataset as pages need it: records with names, grades, claims, links, history, proposals
    language    the texts of a translation, and how a language writes numbers and days
    states      what each agreement was, on any day
    shown       a cell as a person reads it: numbers, dates, names in the place of codes, links
    pages       which pages there are, and what each template gets
    texts       pages from the Markdown of the documentation, and the release notes
    machines    downloads, JSON, the feed and the map of the site
    pictures    which charts stand on which page
    charts, lanes, maps, drawing
                pictures from data, as SVG with a text and a table beside them
    catalogue   the texts of the interface, for translators
    bundle      the scripts of the pages, bundled from npm packages
    build       writes the whole site, or leaves what was there

Arrows point down: `build` imports `pages`, which imports the others. Templates escape all that comes from data.
"""
