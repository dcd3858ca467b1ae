"""What the tests of misfortune ask for, as the contracts document it, and a page that is no answer."""

ORDER = {"v1": "POST /sensei/mask", "v2": "POST /v2/remove-background"}
STATUS = {"v1": "GET /sensei/status", "v2": "GET /v2/status"}
HTML = "<html><body>Bad things happened</body></html>"
