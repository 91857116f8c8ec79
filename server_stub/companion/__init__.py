"""Pages for a phone browser: plain HTML, CSS and JavaScript modules for Chrome 90 and newer, without a build step.

A feature hands the composition a `Room`: the folder of its own modules and styles, and its pages. `Companion` serves
them below /m with one page shell and one strict content policy; data comes from the feature's endpoints, those with
`Access.PHONE` for signed-in phones, `Access.PUBLIC` for pages that anybody may open.
"""
